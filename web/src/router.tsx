/** Every address of the dashboard. Screens load when first visited; their state lives in typed search parameters. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { parseSearch, searchReader, stringifySearch } from './facet/search-params'
import { App } from './shell/app'
import { BrokenScreen, NotFoundScreen } from './shell/failure-screens'

const rootRoute = createRootRoute({ component: App, notFoundComponent: NotFoundScreen, errorComponent: BrokenScreen })

const incidents = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: searchReader(({ text, moment }) => ({
    q: text('q'),
    state: text('state'),
    severity: text('severity'),
    service: text('service'),
    namespace: text('namespace'),
    version: text('version'),
    sort: text('sort'),
    span: text('span'),
    from: moment('from'),
    to: moment('to'),
  })),
  component: lazyRouteComponent(() => import('./incidents/incidents-page'), 'IncidentsPage'),
})

const incident = createRoute({
  getParentRoute: () => rootRoute,
  path: '/i/$id',
  validateSearch: searchReader(({ text }) => ({ at: text('at') })),
  component: lazyRouteComponent(() => import('./incident/incident-page'), 'IncidentPage'),
})

const logs = createRoute({
  getParentRoute: () => rootRoute,
  path: '/logs',
  validateSearch: searchReader(({ text, moment }) => ({
    q: text('q'),
    level: text('level'),
    service: text('service'),
    line: text('line'),
    span: text('span'),
    from: moment('from'),
    to: moment('to'),
  })),
  component: lazyRouteComponent(() => import('./logs/logs-page'), 'LogsPage'),
})

const pipeline = createRoute({
  getParentRoute: () => rootRoute,
  path: '/pipeline',
  component: lazyRouteComponent(() => import('./pipeline/pipeline-page'), 'PipelinePage'),
})

const patterns = createRoute({
  getParentRoute: () => rootRoute,
  path: '/patterns',
  validateSearch: searchReader(({ text }) => ({ q: text('q'), service: text('service'), level: text('level') })),
  component: lazyRouteComponent(() => import('./patterns/patterns-page'), 'PatternsPage'),
})

const knowledge = createRoute({
  getParentRoute: () => rootRoute,
  path: '/knowledge',
  validateSearch: searchReader(({ text }) => ({ q: text('q'), category: text('category') })),
  component: lazyRouteComponent(() => import('./knowledge/knowledge-page'), 'KnowledgePage'),
})

const knowledgeDocument = createRoute({
  getParentRoute: () => rootRoute,
  path: '/knowledge/$id',
  component: lazyRouteComponent(() => import('./knowledge/document-page'), 'DocumentPage'),
})

const rules = createRoute({
  getParentRoute: () => rootRoute,
  path: '/rules',
  component: lazyRouteComponent(() => import('./rules/rules-page'), 'RulesPage'),
})

const slack = createRoute({
  getParentRoute: () => rootRoute,
  path: '/slack',
  validateSearch: searchReader(({ text }) => ({ incident: text('incident') })),
  component: lazyRouteComponent(() => import('./slack/slack-page'), 'SlackPage'),
})

const settings = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  validateSearch: searchReader(({ text }) => ({ q: text('q') })),
  component: lazyRouteComponent(() => import('./settings/settings-page'), 'SettingsPage'),
})

const audit = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit',
  validateSearch: searchReader(({ text }) => ({ q: text('q') })),
  component: lazyRouteComponent(() => import('./audit/audit-page'), 'AuditPage'),
})

const routeTree = rootRoute.addChildren([
  incidents,
  incident,
  logs,
  pipeline,
  patterns,
  knowledge,
  knowledgeDocument,
  rules,
  slack,
  settings,
  audit,
])

export const createAppRouter = () =>
  createRouter({ routeTree, parseSearch, stringifySearch, defaultPreload: 'intent', scrollRestoration: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
