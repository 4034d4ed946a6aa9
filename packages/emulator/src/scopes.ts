/** One scope as the consent page presents it. */
export interface ScopeText {
  readonly title: string
  readonly description: string
}

/** The documented scopes of the login and video groups, and what each lets an app do. */
export const scopeTexts: Readonly<Record<string, ScopeText>> = {
  'user.info.basic': {
    title: 'Read your basic profile',
    description: 'Your display name, your picture and an id made for this app.',
  },
  'user.info.profile': {
    title: 'Read your additional profile information',
    description: 'Your username, bio, profile links and whether your account is verified.',
  },
  'user.info.stats': {
    title: 'Read your statistics',
    description: 'Your follower, following, like and video counts.',
  },
  'video.list': {
    title: 'Read your public videos',
    description: 'The list of your public videos and their details.',
  },
  'video.upload': {
    title: 'Upload drafts to your account',
    description: 'Content arrives in your inbox; you edit and post it yourself.',
  },
  'video.publish': {
    title: 'Post content to your account',
    description: 'Content is posted to your profile directly.',
  },
}

/** The scope that comes with Login Kit itself: nobody can untick it. */
export const requiredScope = 'user.info.basic'

/** Describes any scope; one that is not documented here keeps its own name as title. */
export function describeScope(scope: string): ScopeText {
  const text = Object.hasOwn(scopeTexts, scope) ? scopeTexts[scope] : undefined
  return text ?? { title: scope, description: 'Approved for this app in the emulator’s options.' }
}
