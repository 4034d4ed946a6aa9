import { css } from '../html.ts'
import type { Html } from '../html.ts'

/** What several pages show: the local badge, chips, avatars, empty states. */
export const partsStyles: Html = css`
  .local {
    padding: 0.5rem 1rem;
    border-bottom: 1px solid var(--warn);
    background: var(--warn-tint);
    color: var(--warn);
    font-size: 0.875rem;
    text-align: center;
  }
  .local strong::after {
    content: ' ·';
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 0.3em;
    padding: 0.0625rem 0.5rem;
    border: 1px solid currentcolor;
    border-radius: 1rem;
    background: var(--surface);
    color: var(--muted);
    font-size: 0.75rem;
    font-weight: 600;
    line-height: 1.5;
    white-space: nowrap;
  }
  .chip.fine {
    background: var(--ok-tint);
    color: var(--ok);
  }
  .chip.failed,
  .chip.lost {
    background: var(--bad-tint);
    color: var(--bad);
  }
  .chip.replay,
  .chip.injected {
    background: var(--warn-tint);
    color: var(--warn);
  }
  .tag {
    display: inline-block;
    padding: 0 0.375rem;
    border-radius: 0.375rem;
    background: var(--sunken);
  }
  .avatar {
    flex: none;
    display: inline-grid;
    place-items: center;
    width: 2.5rem;
    height: 2.5rem;
    border-radius: 50%;
    background: #4a4a5e;
    color: #fff;
    font-weight: 700;
  }
  .hue-0 {
    background: #8a3ffc;
  }
  .hue-1 {
    background: #0b6e99;
  }
  .hue-2 {
    background: #117a4b;
  }
  .hue-3 {
    background: #a3451a;
  }
  .hue-4 {
    background: #b0216f;
  }
  .hue-5 {
    background: #4b56c9;
  }
  .who {
    display: grid;
    min-width: 0;
    line-height: 1.3;
  }
  .who .muted {
    font-size: 0.875rem;
  }
  .empty {
    display: grid;
    gap: 0.375rem;
    padding: 1.25rem;
    border: 1px dashed var(--edge);
    border-radius: 0.75rem;
    color: var(--muted);
  }
  .empty strong {
    color: var(--text);
  }
`
