const absoluteForm = /^https?:\/\/[^/?#]*/i

/**
 * Gives path and query of a request target (RFC 9112, section 3.2).
 *
 * A client may put a whole URL there, of whatever host it likes, and servers hand it on as it stands: nothing but its
 * path may decide which route it is, or where a login ends.
 */
export function originForm(target: string): string {
  const [start = ''] = absoluteForm.exec(target) ?? []
  const rest = target.slice(start.length)
  return start === '' || rest.startsWith('/') ? rest : `/${rest}`
}
