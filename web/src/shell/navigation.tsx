import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { statusQuery } from '../api/queries'
import { useLanguage } from '../language/language'
import { useActor } from './actor'
import { Icon, type IconName } from './icon'
import type { LiveState } from './live'
import { chooseTheme, THEMES, useTheme } from './theme'

const SECTIONS = [
  [
    { to: '/', name: 'incidents' },
    { to: '/logs', name: 'logs' },
    { to: '/patterns', name: 'patterns' },
  ],
  [
    { to: '/pipeline', name: 'pipeline' },
    { to: '/rules', name: 'rules' },
    { to: '/slack', name: 'slack' },
    { to: '/knowledge', name: 'knowledge' },
  ],
  [
    { to: '/settings', name: 'settings' },
    { to: '/audit', name: 'audit' },
  ],
] as const satisfies readonly (readonly { to: string; name: IconName }[])[]

export const SCREENS = SECTIONS.flat()

export function Brand() {
  return (
    <Link to="/" className="brand" aria-label="CALI">
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <path d="M3 16v-4M8 16V8M13 16V4" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" fill="none" />
        <circle cx="17.2" cy="14.8" r="2" fill="var(--accent)" />
      </svg>
      <span>CALI</span>
    </Link>
  )
}

export function LiveMark({ state }: { state: LiveState }) {
  const { t } = useLanguage()
  return (
    <span className={`live-state ${state}`} role="status">
      <span className="live-dot" aria-hidden="true" />
      {t.live[state]}
    </span>
  )
}

interface Props {
  live: LiveState
  onPalette(): void
  onShortcuts(): void
}

export function Navigation({ live, onPalette, onShortcuts }: Props) {
  const { t, format } = useLanguage()
  return (
    <>
      <button type="button" className="palette-button" onClick={onPalette}>
        <Icon name="search" />
        <span>{t.nav.palette}</span>
        <kbd>{isMac ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      <nav aria-label={t.nav.label}>
        {SECTIONS.map((section) => (
          <ul key={section[0].name}>
            {section.map(({ to, name }) => (
              <li key={to}>
                <Link to={to} className="nav-link" activeOptions={{ exact: to === '/', includeSearch: false }}>
                  <Icon name={name} />
                  {t.nav[name]}
                </Link>
              </li>
            ))}
          </ul>
        ))}
      </nav>
      <div className="side-foot">
        <LiveMark state={live} />
        <Preferences />
        <button type="button" className="foot-button" onClick={onShortcuts}>
          <Icon name="keyboard" />
          <span>{t.nav.shortcuts}</span>
          <kbd>?</kbd>
        </button>
        <p className="faint small" title={t.time.zone(format.timeZone)}>
          <Version /> · {format.timeZone}
        </p>
      </div>
    </>
  )
}

const isMac = /mac|iphone|ipad/i.test(navigator.userAgent)

export function Preferences() {
  const { t, language, setLanguage } = useLanguage()
  const theme = useTheme()
  const actor = useActor()
  return (
    <div className="preferences">
      <label>
        <span>{t.nav.theme}</span>
        <select
          value={theme}
          onChange={({ target }) => {
            const chosen = THEMES.find((one) => one === target.value)
            if (chosen !== undefined) chooseTheme(chosen)
          }}
        >
          {THEMES.map((one) => (
            <option key={one} value={one}>
              {t.theme[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t.nav.language}</span>
        <select value={language} onChange={({ target }) => setLanguage(target.value === 'en' ? 'en' : 'ko')}>
          <option value="ko">한국어</option>
          <option value="en">English</option>
        </select>
      </label>
      <div className="preference">
        <span>{t.nav.actor}</span>
        <button type="button" className="text-button truncate" title={t.actor.change} onClick={actor.change}>
          {actor.name ?? t.actor.none}
        </button>
      </div>
    </div>
  )
}

function Version() {
  const { data } = useQuery(statusQuery)
  return <>CALI {data?.version ?? ''}</>
}
