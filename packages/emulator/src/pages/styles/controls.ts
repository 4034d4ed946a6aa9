import { css } from '../html.ts'
import type { Html } from '../html.ts'

/** Buttons and fields. */
export const controlsStyles: Html = css`
  button,
  input,
  select {
    font: inherit;
    color: inherit;
    accent-color: var(--accent);
  }
  button {
    min-height: 2.5rem;
    padding: 0.375rem 0.875rem;
    border: 1px solid var(--edge);
    border-radius: 0.625rem;
    background: var(--surface);
    font-weight: 600;
    cursor: pointer;
  }
  button:hover {
    background: var(--sunken);
  }
  button:disabled {
    opacity: 0.55;
    cursor: not-allowed;
  }
  button.primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
  }
  button.primary:not(:disabled):hover {
    filter: brightness(1.12);
  }
  button.danger {
    border-color: var(--bad);
    color: var(--bad);
  }
  button.danger:hover {
    background: var(--bad-tint);
  }
  button[aria-pressed='true'] {
    border-color: var(--accent);
    background: var(--accent-tint);
    color: var(--accent);
  }
  input:not([type='radio'], [type='checkbox'], [type='hidden']),
  select {
    width: 100%;
    min-height: 2.5rem;
    padding: 0.375rem 0.625rem;
    border: 1px solid var(--edge);
    border-radius: 0.625rem;
    background: var(--surface);
  }
`
