export type { Case } from './case.ts'
export { ConformanceError } from './check.ts'
export { tokenStoreCases } from './token-store/cases/index.ts'
export type {
  CreateTokenStoreSubject,
  TokenStoreCase,
  TokenStoreFeature,
  TokenStoreHandle,
  TokenStoreSubject,
} from './token-store/subject.ts'
