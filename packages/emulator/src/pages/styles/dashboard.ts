import { css } from '../html.ts'
import type { Html } from '../html.ts'

/** The dashboard's frame, its clock, its users and grants, and its faults. */
export const dashboardStyles: Html = css`
  .top,
  .dashboard main {
    max-width: 96rem;
    margin: 0 auto;
    padding: 1rem;
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 1.5rem;
    padding-bottom: 0;
  }
  .top nav {
    display: flex;
    flex-wrap: wrap;
    gap: 0 1rem;
    margin-left: auto;
  }
  .top nav a {
    padding: 0.375rem 0;
  }
  .connection {
    display: flex;
    align-items: center;
    gap: 0.75rem;
  }
  .connection button {
    min-height: 2.25rem;
    padding: 0.25rem 0.75rem;
    font-size: 0.875rem;
  }
  :root:not(.has-script) .scripted {
    display: none;
  }
  .dashboard main {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1rem;
  }
  .panel {
    display: grid;
    align-content: start;
    gap: 0.75rem;
    min-width: 0;
    padding: 1rem;
    border: 1px solid var(--line);
    border-radius: 1rem;
    background: var(--surface);
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem 1rem;
  }
  .check {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    min-height: 2rem;
    font-size: 0.875rem;
  }
  .check input {
    width: 1.125rem;
    height: 1.125rem;
    margin: 0;
  }
  .field {
    display: grid;
    gap: 0.25rem;
    font-size: 0.875rem;
    font-weight: 600;
  }
  .field input,
  .field select {
    font-weight: 400;
  }

  .clock .time {
    font-size: 1.25rem;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .steps {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 0.5rem;
  }

  .people,
  .clients,
  .grants {
    display: grid;
    gap: 0.75rem;
  }
  .person + .person,
  .clients li + li {
    padding-top: 0.75rem;
    border-top: 1px solid var(--line);
  }
  .person {
    display: grid;
    gap: 0.625rem;
  }
  .person .user {
    display: flex;
    align-items: center;
    gap: 0.75rem;
  }
  .grant {
    display: grid;
    gap: 0.5rem;
    padding: 0.75rem;
    border: 1px solid var(--line);
    border-radius: 0.75rem;
  }
  .grant.removed {
    border-style: dashed;
  }
  .left {
    display: grid;
    grid-template-columns: repeat(3, auto);
    justify-content: space-between;
    gap: 0.5rem;
  }
  .left dt,
  .pairs dt {
    color: var(--muted);
    font-size: 0.75rem;
  }
  .left dd {
    font-size: 0.875rem;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .pairs {
    display: grid;
    gap: 0.375rem;
    margin-top: 0.375rem;
  }
  .grant button {
    min-height: 2.25rem;
    font-size: 0.875rem;
  }
  .line {
    display: block;
  }
  .add summary {
    width: fit-content;
    padding: 0.25rem 0;
    color: var(--accent);
    font-weight: 600;
    cursor: pointer;
  }
  .add form,
  .inject {
    display: grid;
    gap: 0.75rem;
  }
  .add form {
    padding-top: 0.5rem;
  }
  .queue {
    display: grid;
    gap: 0.375rem;
    margin-bottom: 0.75rem;
  }
  .queue li {
    padding: 0.375rem 0.625rem;
    border-radius: 0.5rem;
    background: var(--warn-tint);
  }
  .dashboard pre {
    padding: 0.75rem;
    white-space: pre-wrap;
    border-radius: 0.625rem;
    background: var(--sunken);
  }
  #message {
    position: fixed;
    inset: auto 1rem 1rem;
    width: fit-content;
    max-width: calc(100% - 2rem);
    margin: 0 auto;
    padding: 0.625rem 1rem;
    border-radius: 0.75rem;
    background: var(--text);
    color: var(--bg);
    box-shadow: var(--shadow);
  }
  #message:empty {
    display: none;
  }

  @supports selector(:has(*)) {
    .for-token,
    .for-ms,
    .for-status,
    .for-error,
    .for-field,
    .effects p {
      display: none;
    }
    .inject:has([value='delay']:checked) .for-ms,
    .inject:has([value='token']:checked) .for-token,
    .inject:has([value='status']:checked, [value='html']:checked) .for-status,
    .inject:has([value='oauth_error']:checked) .for-error,
    .inject:has([value='missing_field']:checked) .for-field {
      display: grid;
    }
    .inject:has([value='drop_before']:checked) .about-drop_before,
    .inject:has([value='drop_after']:checked) .about-drop_after,
    .inject:has([value='delay']:checked) .about-delay,
    .inject:has([value='trickle']:checked) .about-trickle,
    .inject:has([value='status']:checked) .about-status,
    .inject:has([value='html']:checked) .about-html,
    .inject:has([value='truncated']:checked) .about-truncated,
    .inject:has([value='empty']:checked) .about-empty,
    .inject:has([value='oversized']:checked) .about-oversized,
    .inject:has([value='oauth_error']:checked) .about-oauth_error,
    .inject:has([value='missing_field']:checked) .about-missing_field {
      display: block;
    }
  }

  @media (max-width: 39.99rem) {
    .top {
      column-gap: 0.5rem;
    }
    .top h1 {
      font-size: 1.25rem;
    }
    .connection {
      gap: 0.5rem;
      margin-left: auto;
    }
    .top nav {
      width: 100%;
    }
  }
  @media (min-width: 40rem) {
    .top,
    .dashboard main {
      padding-right: 1.5rem;
      padding-left: 1.5rem;
    }
    .steps {
      grid-template-columns: repeat(4, 1fr);
    }
  }
  @media (min-width: 60rem) {
    .clock {
      grid-template-columns: auto 1fr auto;
      align-items: center;
      gap: 1rem 1.5rem;
    }
  }
  @media (min-width: 68rem) {
    .dashboard main {
      grid-template: 'clock clock clock' 'journal journal users' 'faults apps users' 1fr / 1fr 1fr 25rem;
      align-items: start;
    }
    .clock {
      grid-area: clock;
    }
    .journal {
      grid-area: journal;
    }
    .users {
      grid-area: users;
    }
    .faults {
      grid-area: faults;
    }
    .apps {
      grid-area: apps;
    }
  }
`
