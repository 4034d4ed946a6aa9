export type { Case } from './case.ts'
export { ConformanceError } from './check.ts'
export { authAdapterCases } from './adapter/cases/index.ts'
export { prepareSite } from './adapter/prepare-site.ts'
export { compareReports, createAdapterRun, runAdapterCases } from './adapter/report.ts'
export type {
  AdapterReport,
  AdapterRun,
  AdapterRunOptions,
  CaseResult,
  Difference,
} from './adapter/report.ts'
export { formatReports, readReports, saveReport } from './adapter/saved-reports.ts'
export type { AdapterCase, AdapterFeature, ServeApp, ServedApp } from './adapter/served-app.ts'
export type { AppOptions, AppSetup, LoginBehavior, SiteSetup, StartBehavior } from './adapter/setup.ts'
export type * from './adapter/site.ts'
export type { Fingerprint, FingerprintStep } from './adapter/fingerprint.ts'
export { tokenStoreCases } from './token-store/cases/index.ts'
export type {
  CreateTokenStoreSubject,
  TokenStoreCase,
  TokenStoreFeature,
  TokenStoreHandle,
  TokenStoreSubject,
} from './token-store/subject.ts'
