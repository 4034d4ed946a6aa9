import { css } from '../html.ts'
import type { Html } from '../html.ts'

/** Colours, type and spacing that every page starts from. */
export const baseStyles: Html = css`
  :root {
    color-scheme: light dark;
    --bg: #f4f4f8;
    --surface: #fff;
    --sunken: #f0f0f5;
    --line: #dedee6;
    --edge: #85859a;
    --text: #17171d;
    --muted: #5b5b6b;
    --accent: #4338ca;
    --on-accent: #fff;
    --accent-tint: #eeedfc;
    --ok: #11653a;
    --ok-tint: #e3f5ea;
    --bad: #ab1230;
    --bad-tint: #fdeaed;
    --warn: #7c4a00;
    --warn-tint: #fff1d6;
    --shadow: 0 1px 2px rgb(20 20 40 / 6%), 0 8px 24px rgb(20 20 40 / 6%);
    font:
      16px/1.5 system-ui,
      -apple-system,
      'Segoe UI',
      Roboto,
      'Liberation Sans',
      sans-serif;
    scroll-padding-top: 1rem;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --bg: #0f0f14;
      --surface: #191920;
      --sunken: #22222b;
      --line: #32323e;
      --edge: #77778a;
      --text: #f2f2f6;
      --muted: #a8a8b8;
      --accent: #aca6ff;
      --on-accent: #17142e;
      --accent-tint: #26233f;
      --ok: #6fd89b;
      --ok-tint: #14301f;
      --bad: #ff919c;
      --bad-tint: #3a161d;
      --warn: #f4c069;
      --warn-tint: #38290f;
      --shadow: none;
    }
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  body {
    margin: 0;
    background: var(--bg);
    color: var(--text);
    overflow-wrap: anywhere;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  fieldset,
  pre {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  fieldset {
    border: 0;
    min-width: 0;
  }
  legend {
    padding: 0;
  }
  h1 {
    font-size: 1.375rem;
    line-height: 1.25;
    text-wrap: balance;
  }
  h2 {
    font-size: 1.0625rem;
    line-height: 1.3;
  }
  h3 {
    font-size: 0.875rem;
  }
  a {
    color: var(--accent);
    text-underline-offset: 0.2em;
  }
  code,
  pre {
    font:
      0.8125rem/1.45 ui-monospace,
      'SF Mono',
      Menlo,
      Consolas,
      'Liberation Mono',
      monospace;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  .muted {
    color: var(--muted);
  }
  .small {
    font-size: 0.8125rem;
  }
  .name {
    font-weight: 600;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`
