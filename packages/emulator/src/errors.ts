/** Reports an option of {@link createEmulator} that TikTok's developer portal, or the emulator, would not accept. */
export class EmulatorOptionsError extends TypeError {
  override readonly name = 'EmulatorOptionsError'
  /** Names the option, for example `clients[0].redirectUris[1]`. */
  readonly option: string

  constructor(option: string, remedy: string) {
    super(`${option}: ${remedy}`)
    this.option = option
  }
}

/**
 * Reports that an authorization request leads to TikTok's own fault page instead of the consent page.
 *
 * The app would hear nothing of it: no callback follows.
 */
export class EmulatorFaultError extends Error {
  override readonly name = 'EmulatorFaultError'
  /** The `error` in the page's address, for example `param_error`. */
  readonly error: string
  /** The `error_type` in the page's address: the parameter at fault. */
  readonly errorType: string | undefined
  /** The `errCode` in the page's address, for example `10003`. */
  readonly errCode: string | undefined

  constructor(fault: {
    error: string
    errorType: string | undefined
    errCode: string | undefined
    explanation: string
  }) {
    super(`TikTok would show a fault page, and no callback follows: ${fault.error}. ${fault.explanation}`)
    this.error = fault.error
    this.errorType = fault.errorType
    this.errCode = fault.errCode
  }
}

/** Ends a connection without, or in the middle of, a reply. */
export class ConnectionCutError extends Error {
  override readonly name = 'ConnectionCutError'
}

/** Leads to one of the OAuth endpoints' flat error replies. */
export class OAuthFault extends Error {
  override readonly name = 'OAuthFault'
  readonly error: string
  readonly description: string

  constructor(error: string, description: string) {
    super(description)
    this.error = error
    this.description = description
  }
}

/** Leads to one of the resource endpoints' error replies. */
export class ApiFault extends Error {
  override readonly name = 'ApiFault'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}
