import { EmulatorOptionsError } from './errors.ts'
import type { UserOptions } from './options.ts'

/** Somebody with an account, every detail filled in. */
export type EmulatorUser = Readonly<Required<UserOptions>>

/** The people who have an account. */
export interface UserDirectory {
  /**
   * Adds somebody.
   *
   * @throws EmulatorOptionsError when the display name is empty, or the id or username is taken.
   */
  add(user: UserOptions): EmulatorUser
  /** Lists everybody, in the order in which they came. */
  list(): readonly EmulatorUser[]
  /** Finds somebody by id or username. */
  find(name: string): EmulatorUser | undefined
}

const defaultUsers: readonly UserOptions[] = [
  {
    id: 'mia',
    displayName: 'Mia Sommer',
    bioDescription: 'Bread, bikes and bad puns.',
    isVerified: true,
    followerCount: 18_204,
    followingCount: 311,
    likesCount: 240_118,
    videos: ['Sourdough in sixty seconds', 'Over the pass by bike', 'A pun you will regret'],
  },
  { id: 'noor', displayName: 'Noor Haddad', followerCount: 97, followingCount: 140, videos: ['First try'] },
  { id: 'taro', displayName: '太郎 Tanaka', username: 'taro.tanaka' },
]

function toUsername(displayName: string): string {
  const plain = displayName.toLowerCase().replace(/[^a-z0-9]+/g, '.')
  return plain.replace(/^\.+|\.+$/g, '') || 'user'
}

/** Makes the directory, with the people given or three of our own. */
export function createUserDirectory(given: readonly UserOptions[] = defaultUsers): UserDirectory {
  const users: EmulatorUser[] = []
  const byName = new Map<string, EmulatorUser>()
  const find = (name: string) => byName.get(name)

  function unusedName(wanted: string): string {
    let name = wanted
    for (let number = 2; find(name) !== undefined; number += 1) name = `${wanted}.${number}`
    return name
  }

  function add(options: UserOptions): EmulatorUser {
    if (typeof options.displayName !== 'string' || options.displayName.trim() === '') {
      throw new EmulatorOptionsError('user.displayName', 'give a name')
    }
    for (const key of ['id', 'username'] as const) {
      const name = options[key]
      if (name === '') throw new EmulatorOptionsError(`user.${key}`, 'leave it out or give a text')
      if (name !== undefined && find(name) !== undefined) {
        throw new EmulatorOptionsError(`user.${key}`, 'is taken by another user')
      }
    }
    const username = options.username ?? unusedName(toUsername(options.displayName))
    const user: EmulatorUser = {
      id: options.id ?? unusedName(`user-${users.length + 1}`),
      displayName: options.displayName,
      username,
      bioDescription: options.bioDescription ?? '',
      isVerified: options.isVerified ?? false,
      followerCount: options.followerCount ?? 0,
      followingCount: options.followingCount ?? 0,
      likesCount: options.likesCount ?? 0,
      videos: [...(options.videos ?? [])],
    }
    users.push(user)
    byName.set(user.id, user).set(user.username, user)
    return user
  }

  for (const user of given) add(user)
  return { add, list: () => [...users], find }
}
