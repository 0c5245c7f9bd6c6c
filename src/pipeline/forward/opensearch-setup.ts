/** What CALI needs in OpenSearch before it writes: version, template, alias, and where there is one the retention policy. */
import { CaliError } from '../../platform/error.ts'
import type { SetupOutcome, SetupStep } from '../../platform/setup-step.ts'
import type { OpenSearchClient } from './opensearch-client.ts'
import { OpenSearchError } from './opensearch-error.ts'
import {
  indexOfDay,
  indexPattern,
  indexTemplate,
  MAPPING_VERSION,
  type OpenSearchLayout,
  type TemplateMark,
} from './opensearch-template.ts'

/** The first with the field type `flat_object`. https://docs.opensearch.org/latest/mappings/supported-field-types/flat-object/ */
const OLDEST: readonly [number, number] = [2, 7]

/** The version that answers; throws when it is none that CALI can use. Serverless collections do not tell theirs. */
export async function checkVersion(client: OpenSearchClient): Promise<string> {
  if (client.service === 'aoss') return 'serverless'
  const { version } = await client.call<{ version?: { number?: unknown; distribution?: unknown } }>({
    method: 'GET',
    path: '/',
  })
  const number = typeof version?.number === 'string' ? version.number : undefined
  if (number === undefined || version?.distribution !== 'opensearch')
    throw new CaliError(
      'opensearch_other_server',
      `${client.location} is ${number === undefined ? 'not OpenSearch' : `Elasticsearch ${number}`}: opensearch.url must name an OpenSearch of ${OLDEST.join('.')} or newer.${
        // What OpenSearch answers in its compatibility mode, without its own name.
        number === '7.10.2' ? ' (If it is one: switch compatibility.override_main_response_version off.)' : ''
      }`,
    )
  const [major = 0, minor = 0] = number.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    throw new CaliError(
      'opensearch_too_old',
      `OpenSearch at ${client.location} is ${number}: ${OLDEST.join('.')} or newer is needed, which has the field type "flat_object".`,
    )
  return number
}

export type TemplateState = 'missing' | 'current' | 'other'

/** How the template there compares with the one that these settings make; throws when it is not CALI's to change. */
export async function templateState(client: OpenSearchClient, layout: OpenSearchLayout): Promise<TemplateState> {
  const path = templatePath(layout)
  const found = await found404(() =>
    client.call<{ index_templates?: { index_template?: { _meta?: { cali?: TemplateMark } } }[] }>({
      method: 'GET',
      path,
    }),
  )
  const template = found?.index_templates?.[0]?.index_template
  if (template === undefined) return 'missing'
  const mark = template._meta?.cali
  if (mark === undefined)
    throw new CaliError(
      'index_foreign_template',
      `OpenSearch at ${client.location} has an index template "${layout.index}" that CALI did not make: choose another opensearch.index, or delete that template.`,
    )
  if (mark.mapping > MAPPING_VERSION)
    throw new CaliError(
      'index_newer_template',
      `OpenSearch at ${client.location}: the index template "${layout.index}" was made by a newer CALI (${mark.mapping}, this one knows ${MAPPING_VERSION}). Update this one, or choose another opensearch.index.`,
    )
  return mark.hash === indexTemplate(layout)._meta.cali.hash ? 'current' : 'other'
}

export async function putTemplate(client: OpenSearchClient, layout: OpenSearchLayout): Promise<void> {
  try {
    await client.call({ method: 'PUT', path: templatePath(layout), body: indexTemplate(layout) })
  } catch (error) {
    throw explainPut(error, client, layout)
  }
}

function explainPut(error: unknown, client: OpenSearchClient, layout: OpenSearchLayout): unknown {
  if (!(error instanceof OpenSearchError)) return error
  if (error.status === 403)
    return new CaliError(
      'index_not_set_up',
      `${error.message} The index template "${layout.index}" is missing or of other settings: run "cali setup" once as a user who may make templates.`,
    )
  if (layout.korean !== 'none' && error.status === 400 && error.message.includes(layout.korean))
    return new CaliError(
      'opensearch_no_analyzer',
      `OpenSearch at ${client.location} does not know the analyzer "${layout.korean}" (opensearch.korean). ${
        layout.korean === 'nori'
          ? 'Install the plugin analysis-nori on every node (on AWS: associate the package with the domain), or choose cjk or none.'
          : 'Choose none.'
      }`,
    )
  return error
}

/** What `cali setup` makes, in this order. `today` is YYYY-MM-DD, UTC. */
export function openSearchSetup(client: OpenSearchClient, layout: OpenSearchLayout, today: string): SetupStep[] {
  return [
    { name: `OpenSearch index template ${layout.index}`, run: (dryRun) => setUpTemplate(client, layout, dryRun) },
    { name: `OpenSearch alias ${layout.index}`, run: (dryRun) => setUpAlias(client, layout, today, dryRun) },
    { name: `OpenSearch retention policy ${layout.index}`, run: (dryRun) => setUpPolicy(client, layout, dryRun) },
  ]
}

async function setUpTemplate(
  client: OpenSearchClient,
  layout: OpenSearchLayout,
  dryRun: boolean,
): Promise<SetupOutcome> {
  await checkVersion(client)
  const state = await templateState(client, layout)
  if (state === 'current') return { state: 'unchanged' }
  if (!dryRun) await putTemplate(client, layout)
  return state === 'missing'
    ? { state: 'created' }
    : { state: 'changed', detail: 'applies from the next day on; days that are there keep theirs' }
}

/** The alias comes with the first day: that of today is made, so that dashboards can be pointed at it. */
async function setUpAlias(
  client: OpenSearchClient,
  layout: OpenSearchLayout,
  today: string,
  dryRun: boolean,
): Promise<SetupOutcome> {
  const name = indexOfDay(layout.index, today)
  const there = await found404(() => client.call<object>({ method: 'GET', path: `/${layout.index}/_alias` }))
  if (there !== undefined && Object.keys(there).includes(layout.index))
    throw new CaliError(
      'index_foreign_index',
      `OpenSearch at ${client.location} has an index called "${layout.index}", where CALI needs an alias of this name: choose another opensearch.index, or delete that index.`,
    )
  if (there !== undefined && Object.keys(there).length > 0) return { state: 'unchanged' }
  if (!dryRun) await createIndex(client, name)
  return { state: 'created', detail: `with ${name}` }
}

/** Makes an index from the template; one that is there already is fine. */
export async function createIndex(client: OpenSearchClient, name: string): Promise<void> {
  try {
    await client.call({ method: 'PUT', path: `/${name}` })
  } catch (error) {
    if (error instanceof OpenSearchError && error.type === 'resource_already_exists_exception') return
    throw error
  }
}

interface PolicyAnswer {
  readonly _seq_no?: number
  readonly _primary_term?: number
  readonly policy?: { readonly description?: string }
}

/**
 * Index State Management deletes by the age of an index, a day later than CALI itself does: it is the net below.
 * https://docs.opensearch.org/latest/im-plugin/ism/policies/
 */
async function setUpPolicy(client: OpenSearchClient, layout: OpenSearchLayout, dryRun: boolean): Promise<SetupOutcome> {
  const without = `CALI deletes days older than ${layout.retentionDays} by itself`
  if (layout.serverless) return { state: 'unavailable', detail: `serverless collections have none; ${without}` }
  const path = `/_plugins/_ism/policies/${layout.index}`
  const wanted = policy(layout)
  let there: PolicyAnswer | undefined
  try {
    there = await found404(() => client.call<PolicyAnswer>({ method: 'GET', path }))
  } catch (error) {
    // A server without the plugin does not know the path.
    if (error instanceof OpenSearchError && error.status === 400 && /no handler found/.test(error.message))
      return { state: 'unavailable', detail: `the plugin index-management is not installed; ${without}` }
    throw error
  }
  if (there?.policy?.description === wanted.policy.description) return { state: 'unchanged' }
  if (!dryRun)
    await client.call({
      method: 'PUT',
      path,
      ...(there === undefined
        ? {}
        : { query: { if_seq_no: String(there._seq_no ?? 0), if_primary_term: String(there._primary_term ?? 1) } }),
      body: wanted,
    })
  return { state: there === undefined ? 'created' : 'changed' }
}

const policy = ({ index, retentionDays }: OpenSearchLayout) => ({
  policy: {
    description: `CALI: deletes days of ${index} after ${retentionDays} days`,
    default_state: 'kept',
    states: [
      {
        name: 'kept',
        actions: [],
        transitions: [{ state_name: 'deleted', conditions: { min_index_age: `${retentionDays + 1}d` } }],
      },
      { name: 'deleted', actions: [{ delete: {} }], transitions: [] },
    ],
    ism_template: [{ index_patterns: [indexPattern(index)], priority: 100 }],
  },
})

const templatePath = ({ index }: OpenSearchLayout): string => `/_index_template/${index}`

/** Undefined when there is no such thing. */
export async function found404<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof OpenSearchError && error.status === 404) return undefined
    throw error
  }
}
