import { openIdOf } from './identity.ts'
import { shortHash } from './random.ts'
import { readBearer } from './resources.ts'
import type { Exchange } from './world.ts'

/** Writes into the journal which code or token was presented, whose it is, and whether it was used up already. */
export function identify({ world, entry, request, parameters }: Exchange): void {
  const presented = findPresented(parameters, request.headers)
  if (presented === undefined) return
  entry.presented = shortHash(presented)
  const code = world.codes.find(presented)
  const token = world.ledger.find(presented)
  const client = world.clients.get(code?.clientKey ?? '')
  entry.clientKey ??= token?.clientKey
  entry.replay = code?.used === true || token?.state === 'consumed'
  if (code !== undefined && client !== undefined) {
    entry.userId = code.userId
    entry.openId = openIdOf(client, code.userId)
  }
  const grant = token?.family?.grant
  if (grant !== undefined) {
    entry.userId = grant.userId
    entry.openId = grant.openId
    entry.grantId = grant.id
  }
}

function findPresented(parameters: URLSearchParams, headers: Headers): string | undefined {
  switch (parameters.get('grant_type') ?? '') {
    case 'authorization_code':
      return parameters.get('code') ?? undefined
    case 'refresh_token':
      return parameters.get('refresh_token') ?? undefined
    default:
      return parameters.get('token') ?? readBearer(headers)
  }
}
