import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api/client'
import { LanguageProvider } from './language/language'
import { createAppRouter } from './router'
import { applyTheme, storedTheme } from './shell/theme'
import './shell/tokens.css'
import './shell/base.css'
import './shell/controls.css'

applyTheme(storedTheme())

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The server is often on this machine: a laptop without a network still reaches it.
      networkMode: 'always',
      staleTime: 5_000,
      // What the server refused it refuses again; only a server that does not answer is worth another try.
      retry: (failures, error) => failures < 1 && !(error instanceof ApiError && error.status >= 400),
    },
    mutations: { networkMode: 'always' },
  },
})
const router = createAppRouter()
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <LanguageProvider>
        <RouterProvider router={router} />
      </LanguageProvider>
    </QueryClientProvider>
  </StrictMode>,
)
