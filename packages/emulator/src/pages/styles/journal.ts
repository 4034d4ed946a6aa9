import { css } from '../html.ts'
import type { Html } from '../html.ts'

/** The dashboard's journal: a table on a wide screen, stacked entries on a narrow one. */
export const journalStyles: Html = css`
  .scroll {
    max-height: 38rem;
    margin: 0 -1rem -1rem;
    padding: 0 1rem 1rem;
    overflow: auto;
    border-radius: 0 0 1rem 1rem;
  }
  .scroll:focus-visible {
    outline-offset: -3px;
  }
  .journal table,
  .journal tbody,
  .journal tr,
  .journal td {
    display: block;
  }
  .journal thead {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  .journal tbody tr {
    display: grid;
    gap: 0.25rem;
    padding: 0.625rem 0 0.625rem 0.75rem;
    border-top: 1px solid var(--line);
    border-left: 3px solid transparent;
  }
  .journal tbody tr.failed,
  .journal tbody tr.lost {
    border-left-color: var(--bad);
  }
  .when {
    color: var(--muted);
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
  }
  .when .clock-time {
    color: var(--text);
  }
  .call .path,
  .call .parties {
    display: block;
  }
  .call .path {
    color: var(--muted);
  }
  .journal .result {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    align-content: start;
    gap: 0.25rem 0.5rem;
  }
  .result .outcome {
    color: var(--bad);
    font-weight: 600;
  }
  .result .small {
    white-space: nowrap;
  }
  .result .trace {
    flex-basis: 100%;
    color: var(--muted);
    font-size: 0.75rem;
  }
  .trace code {
    font-size: 0.75rem;
  }
  .journal .presented {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 0.5rem;
    align-items: center;
    align-content: start;
  }
  .journal:has(#only-problems:checked) tr.plain {
    display: none;
  }
  .more:not(:empty) {
    padding-top: 0.75rem;
  }

  @media (max-width: 39.99rem) {
    .journal td:empty {
      display: none;
    }
  }
  @media (min-width: 40rem) {
    .trace .label {
      display: none;
    }
    .journal tbody tr {
      grid-template-columns: 5.5rem minmax(0, 1fr) 15.5rem;
      column-gap: 1rem;
    }
    .journal .presented {
      grid-column: 2;
    }
    .journal .result {
      grid-area: 1 / 3 / span 2;
    }
    .when .date {
      display: block;
    }
  }
  @media (min-width: 68rem) {
    .journal tr {
      border-left: 3px solid transparent;
    }
    .journal tr,
    .journal tbody tr {
      display: grid;
      grid-template-columns: 5.5rem minmax(0, 1fr) 8.5rem 15.5rem;
      column-gap: 1rem;
      padding-left: 0.75rem;
    }
    .journal .presented,
    .journal .result {
      grid-area: auto;
    }
    .journal thead {
      position: sticky;
      z-index: 1;
      top: 0;
      display: block;
      width: auto;
      height: auto;
      overflow: visible;
      clip-path: none;
      background: var(--surface);
      border-bottom: 1px solid var(--line);
    }
    .journal th {
      padding: 0.375rem 0;
      color: var(--muted);
      font-size: 0.75rem;
      font-weight: 600;
      text-align: left;
    }
    .journal tbody tr:first-child {
      border-top: 0;
    }
  }
`
