import type { SkipProfile, SkipProfileLater } from './options.ts'

/** Asks the option `skipUserProfile`, in each of the forms that passport-oauth2 knows. */
export async function skipsProfile(
  option: boolean | SkipProfile | SkipProfileLater | undefined,
  accessToken: string,
): Promise<boolean> {
  if (typeof option !== 'function') return option === true
  if (answersAtOnce(option)) return option() === true
  return new Promise((resolve, reject) => {
    option(accessToken, (error, skip) => {
      if (error) reject(error as Error)
      else resolve(skip === true)
    })
  })
}

function answersAtOnce(option: SkipProfile | SkipProfileLater): option is SkipProfile {
  return option.length < 2
}
