/**
 * @typedef {object} ServerUnderTest
 * @property {string} name as the tables call it
 * @property {string} file in this folder
 */

export const ours = 'tiktok-auth on Express'
export const safeFloor = 'safe floor'

/** @type {readonly ServerUnderTest[]} */
export const servers = [
  { name: 'bare floor', file: 'servers/bare-floor.js' },
  { name: safeFloor, file: 'servers/safe-floor.js' },
  { name: ours, file: 'servers/tiktok-auth.js' },
  { name: 'passport-tiktok-auth + express-session', file: 'servers/passport-tiktok-auth.js' },
  { name: 'passport-oauth2 + express-session', file: 'servers/passport-oauth2.js' },
  { name: 'arctic on Express', file: 'servers/arctic.js' },
]

/** The servers that other people wrote. */
export const peers = servers
  .map(({ name }) => name)
  .filter((name) => !name.includes('floor') && name !== ours)
