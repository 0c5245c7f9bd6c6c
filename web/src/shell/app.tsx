/** The frame around every screen: navigation, live connection, dialogs and shortcuts that work everywhere. */
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useLanguage } from '../language/language'
import { ActorProvider } from './actor'
import { Icon } from './icon'
import { useKeys } from './keyboard'
import { useLive } from './live'
import { Modal } from './modal'
import { Brand, LiveMark, Navigation } from './navigation'
import { Palette } from './palette'
import { ShortcutSheet } from './shortcut-sheet'
import { ToastProvider } from './toast'
import { useWide } from './wide'
import './overlay.css'
import './page.css'
import './shell.css'

export function App() {
  return (
    <ToastProvider>
      <ActorProvider>
        <Frame />
      </ActorProvider>
    </ToastProvider>
  )
}

function Frame() {
  const { t } = useLanguage()
  const wide = useWide()
  const [open, setOpen] = useState<'palette' | 'sheet' | 'menu'>()
  const [news, setNews] = useState('')
  const live = useLive((count) => setNews(t.live.opened(count)))
  const close = (): void => setOpen(undefined)
  useGlobalKeys((what) => setOpen(what))

  // Leaving a screen closes what was open above it.
  const pathname = useRouterState({ select: (state) => state.location.pathname })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the change of address is the trigger
  useEffect(() => setOpen(undefined), [pathname])

  const navigation = (
    <Navigation live={live} onPalette={() => setOpen('palette')} onShortcuts={() => setOpen('sheet')} />
  )
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t.nav.skip}
      </a>
      {wide ? (
        <header className="side">
          <Brand />
          {navigation}
        </header>
      ) : (
        <header className="top">
          <button type="button" className="icon-button" aria-label={t.nav.menu} onClick={() => setOpen('menu')}>
            <Icon name="menu" />
          </button>
          <Brand />
          <LiveMark state={live} />
          <button type="button" className="icon-button" aria-label={t.nav.palette} onClick={() => setOpen('palette')}>
            <Icon name="search" />
          </button>
        </header>
      )}
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <div className="hidden-text" role="status" aria-live="polite">
        {news}
      </div>
      {open === 'palette' && <Palette onClose={close} />}
      {open === 'sheet' && <ShortcutSheet onClose={close} />}
      {open === 'menu' && !wide && (
        <Modal title={t.nav.menu} className="drawer" onClose={close}>
          {navigation}
        </Modal>
      )}
    </div>
  )
}

const GO = { i: '/', l: '/logs', p: '/pipeline', s: '/slack' } as const

function useGlobalKeys(onOpen: (what: 'palette' | 'sheet') => void): void {
  const navigate = useNavigate()
  const prefix = useRef(0)
  const go = (key: keyof typeof GO) => (): void => {
    // Only right after `g`.
    if (Date.now() - prefix.current < 1_500) void navigate({ to: GO[key] })
    prefix.current = 0
  }
  useKeys({
    '/': () => document.querySelector<HTMLInputElement>('[data-search]')?.focus(),
    '?': () => onOpen('sheet'),
    g: () => {
      prefix.current = Date.now()
    },
    i: go('i'),
    l: go('l'),
    p: go('p'),
    s: go('s'),
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      if (document.querySelector('dialog[open]') === null) onOpen('palette')
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  })
}
