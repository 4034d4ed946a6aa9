import { css } from '../html.ts'
import type { Html } from '../html.ts'

/** The consent page, and the frame it shares with the fault page. */
export const consentStyles: Html = css`
  .consent,
  .fault {
    background: var(--surface);
  }
  .consent main,
  .fault main {
    max-width: 28rem;
    margin: 0 auto;
    padding: 1.25rem 1.25rem 0;
    background: var(--surface);
  }
  .consent .app,
  .fault main > header {
    display: grid;
    justify-items: center;
    gap: 0.375rem;
    margin-bottom: 1.25rem;
    text-align: center;
  }
  .app .avatar {
    width: 3.25rem;
    height: 3.25rem;
    margin-bottom: 0.25rem;
    border-radius: 1rem;
    font-size: 1.5rem;
  }
  .app strong {
    color: var(--text);
  }
  .consent legend {
    margin-bottom: 0.625rem;
    font-weight: 600;
  }
  .consent fieldset {
    margin-bottom: 1.25rem;
  }
  .cards {
    display: grid;
    gap: 0.5rem;
  }
  .card {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    padding: 0.5rem 0.875rem;
    border: 1px solid var(--line);
    border-radius: 0.875rem;
    cursor: pointer;
  }
  .card:hover {
    background: var(--sunken);
  }
  .card:has(:checked) {
    border-color: var(--accent);
    background: var(--accent-tint);
    box-shadow: inset 0 0 0 1px var(--accent);
  }
  .card:has(:focus-visible) {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  .card :focus-visible {
    outline: none;
  }
  .card input {
    order: 1;
    flex: none;
    width: 1.25rem;
    height: 1.25rem;
    margin: 0 0 0 auto;
  }
  .scopes li + li {
    border-top: 1px solid var(--line);
  }
  .scope {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1rem;
    padding: 0.75rem 0;
  }
  label.scope {
    cursor: pointer;
  }
  .what {
    display: grid;
    gap: 0.0625rem;
    min-width: 0;
  }
  .what .name {
    font-weight: 600;
  }
  .what .muted {
    font-size: 0.875rem;
  }
  .what code {
    color: var(--muted);
    font-size: 0.75rem;
  }
  .what .tags {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.625rem;
    margin-top: 0.125rem;
  }
  .consent .empty {
    margin-bottom: 1.25rem;
  }
  .consent .scopes legend {
    margin-bottom: 0.125rem;
  }
  .switch {
    appearance: none;
    flex: none;
    position: relative;
    width: 2.75rem;
    height: 1.625rem;
    margin: 0;
    border: 1px solid var(--edge);
    border-radius: 1rem;
    background: var(--sunken);
    cursor: pointer;
  }
  .switch::before {
    content: '';
    position: absolute;
    inset: 0.1875rem auto 0.1875rem 0.1875rem;
    width: 1.125rem;
    border-radius: 50%;
    background: var(--edge);
    transition: transform 0.15s;
  }
  .switch:checked {
    border-color: var(--accent);
    background: var(--accent);
  }
  .switch:checked::before {
    background: var(--on-accent);
    transform: translateX(1.125rem);
  }
  .nothing {
    display: none;
    margin: -0.5rem 0 1rem;
    color: var(--bad);
    font-size: 0.875rem;
    font-weight: 600;
  }
  form:has(.switch):not(:has(.switch:checked, [type='hidden'][name='scope'])) .nothing {
    display: block;
  }
  .decide {
    position: sticky;
    bottom: 0;
    display: grid;
    grid-template-columns: 1fr 2fr;
    gap: 0.5rem;
    margin: 0 -1.25rem;
    padding: 0.875rem 1.25rem;
    border-top: 1px solid var(--line);
    background: var(--surface);
  }
  .decide button {
    min-height: 3rem;
  }
  .decide .primary {
    order: 1;
  }
  .consent footer,
  .fault footer {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0.25rem 1rem;
    padding: 0.875rem 0 1.25rem;
    font-size: 0.8125rem;
  }
  :root:has(.consent) {
    scroll-padding-bottom: 6rem;
  }
  @media (min-width: 34rem) {
    .consent,
    .fault {
      background: var(--bg);
    }
    .consent main,
    .fault main {
      margin: 2.5rem auto;
      padding: 2rem 2rem 0;
      border: 1px solid var(--line);
      border-radius: 1.25rem;
      box-shadow: var(--shadow);
    }
    .decide {
      margin: 0 -2rem;
      padding: 1rem 2rem;
    }
  }
  @media (forced-colors: active) {
    .switch {
      appearance: auto;
    }
    .switch::before {
      content: none;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .switch::before {
      transition: none;
    }
  }
`
