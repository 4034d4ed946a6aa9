import { html } from './html.ts'
import type { Html } from './html.ts'
import { baseStyles } from './styles/base.ts'
import { controlsStyles } from './styles/controls.ts'
import { partsStyles } from './styles/parts.ts'
import { consentStyles } from './styles/consent.ts'
import { faultStyles } from './styles/fault.ts'
import { dashboardStyles } from './styles/dashboard.ts'
import { journalStyles } from './styles/journal.ts'

/** The style sheet of every page. */
export const styles: Html = html`${baseStyles}${controlsStyles}${partsStyles}${consentStyles}${faultStyles}${dashboardStyles}${journalStyles}`
