/** The reader's language: chosen here, else what the server speaks. */
import { useQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import type { UiLanguage } from '../api/nouns'
import { statusQuery } from '../api/queries'
import { en } from './en'
import { createFormat, type Format } from './format'
import { type Catalogue, ko } from './ko'

const CATALOGUES: Record<UiLanguage, Catalogue> = { ko, en }
const KEY = 'cali.language'

export interface Language {
  t: Catalogue
  format: Format
  language: UiLanguage
  setLanguage(language: UiLanguage): void
}

const LanguageContext = createContext<Language | undefined>(undefined)

export function LanguageProvider({ children }: { children: ReactNode }) {
  const status = useQuery(statusQuery)
  const [chosen, setChosen] = useState(stored)
  const language = chosen ?? status.data?.language ?? 'ko'
  const timeZone = status.data?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone

  useEffect(() => {
    document.documentElement.lang = language
  }, [language])

  const value = useMemo<Language>(
    () => ({
      t: CATALOGUES[language],
      format: createFormat(language, timeZone),
      language,
      setLanguage: (next) => {
        localStorage.setItem(KEY, next)
        setChosen(next)
      },
    }),
    [language, timeZone],
  )
  // Until the server has said its language, a first-time reader would see the wrong one flash by.
  if (chosen === undefined && status.isPending) return null
  return <LanguageContext value={value}>{children}</LanguageContext>
}

export function useLanguage(): Language {
  const value = use(LanguageContext)
  if (value === undefined) throw new Error('useLanguage outside LanguageProvider')
  return value
}

function stored(): UiLanguage | undefined {
  const text = localStorage.getItem(KEY)
  return text === 'ko' || text === 'en' ? text : undefined
}
