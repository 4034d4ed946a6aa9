import { css } from '../html.ts'
import type { Html } from '../html.ts'

/** The fault page. */
export const faultStyles: Html = css`
  .fault main {
    max-width: 36rem;
  }
  .mark {
    display: grid;
    place-items: center;
    width: 3.5rem;
    height: 3.5rem;
    margin-bottom: 0.25rem;
    border-radius: 50%;
    background: var(--bad-tint);
    color: var(--bad);
    font-size: 1.75rem;
    font-weight: 700;
  }
  .facts {
    margin-bottom: 1.75rem;
    border: 1px solid var(--line);
    border-radius: 0.875rem;
    background: var(--sunken);
  }
  .facts > div {
    display: grid;
    grid-template-columns: 7rem 1fr;
    gap: 0.75rem;
    padding: 0.625rem 1rem;
  }
  .facts > div + div {
    border-top: 1px solid var(--line);
  }
  .facts dt {
    color: var(--muted);
  }
  .facts dd {
    font-weight: 600;
  }
  .facts dd code {
    font-size: 0.875rem;
  }
  .fault section {
    display: grid;
    gap: 0.25rem;
  }
  .fault h3 {
    margin-top: 0.75rem;
  }
  .fault .note {
    margin: 1.25rem 0 0.5rem;
    padding-left: 0.875rem;
    border-left: 3px solid var(--line);
    color: var(--muted);
    font-size: 0.875rem;
  }
`
