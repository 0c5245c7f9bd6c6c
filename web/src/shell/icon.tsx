/** A few line icons, 16 px, in the colour of the text. Always beside a word or under an aria-label. */
const PATHS = {
  incidents: 'M8 2.5 14 13H2L8 2.5ZM8 6.5v3M8 11.3v.2',
  logs: 'M2.5 3.5h11M2.5 6.5h8M2.5 9.5h11M2.5 12.5h6',
  patterns: 'M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z',
  pipeline: 'M2 8h3M11 8h3M5 5.5h6v5H5zM8 2v3.5M8 10.5V14',
  rules: 'M2.5 3h11L9.5 8v5l-3-1.5V8L2.5 3Z',
  slack: 'M13.5 10.5a1 1 0 0 1-1 1H6l-3 2.5V4a1 1 0 0 1 1-1h8.5a1 1 0 0 1 1 1v6.5Z',
  knowledge: 'M8 4C6.5 3 4.5 2.8 2.5 3v9.5c2-.2 4 0 5.5 1 1.5-1 3.5-1.2 5.5-1V3C11.5 2.8 9.5 3 8 4Zm0 0v9.5',
  settings: 'M2.5 4.5h6M11.5 4.5h2M10 3v3M2.5 11.5h2M7.5 11.5h6M6 10v3',
  audit: 'M3.5 2.5h9v11h-9zM5.5 5.5h5M5.5 8h5M5.5 10.5h3',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5l3 3',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  done: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.2 8.3l2 2 3.6-4',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  link: 'M6.5 9.5l3-3M7.5 4.5l1.3-1.3a2.8 2.8 0 0 1 4 4L11.5 8.5M8.5 11.5l-1.3 1.3a2.8 2.8 0 0 1-4-4L4.5 7.5',
  up: 'M8 13V3.5M4 7l4-4 4 4',
  down: 'M8 3v9.5M4 9l4 4 4-4',
  plus: 'M8 3v10M3 8h10',
  trash: 'M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9',
  play: 'M5 3l7.5 5L5 13z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  back: 'M9.5 3.5 5 8l4.5 4.5',
  keyboard: 'M1.5 4.5h13v7h-13zM4 7h.01M6.5 7h.01M9 7h.01M11.5 7h.01M5 9.5h6',
  warning: 'M8 2.5 14 13H2L8 2.5ZM8 6.5v3M8 11.3v.2',
  thumbUp:
    'M2.5 7.5h2v6h-2zM4.5 7.5 7.5 2c1 0 1.5.8 1.3 1.800L8.3 6.5h4.200c.8 0 1.200.7 1 1.400l-1.200 4.6c-.2.6-.6 1-1.3 1H4.5',
  thumbDown:
    'M2.5 8.5h2v-6h-2zM4.5 8.5 7.5 14c1 0 1.5-.8 1.3-1.800L8.3 9.5h4.200c.8 0 1.200-.7 1-1.400l-1.200-4.6c-.2-.6-.6-1-1.3-1H4.5',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
