// What the examples in the packages' comments take for granted.
declare const clientKey: string
declare const clientSecret: string
declare const redirectUri: string
declare const callbackURL: string
declare const secret: string
declare const code: string
declare const openId: string
declare const key: string
declare const newKey: string
declare const oldKey: string
declare const stored: string
declare const url: string
declare const connectionString: string
