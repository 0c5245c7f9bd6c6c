/** What `cali doctor` says. Words of servers, adapters and settings stay as they are. */
import type { UiLanguage } from '../pipeline/incident.ts'

export interface DoctorTexts {
  readonly node: { readonly hint: string }
  readonly dataDir: {
    readonly hint: string
    readonly free: (folder: string, gigabytes: string) => string
    readonly low: string
  }
  readonly state: (place: string, incidents: string) => string
  readonly index: {
    readonly elsewhere: string
    readonly damaged: string
    readonly unknownDebt: (index: string) => string
    readonly debt: (index: string, lines: string, objects: string, oldest: string) => string
    readonly paid: string
  }
  readonly ledger: {
    readonly balanced: (records: string) => string
    readonly unread: (balanced: string, reasons: string) => string
    readonly report: string
  }
  readonly program: {
    readonly none: string
    readonly runs: (url: string) => string
    readonly answers: (url: string, status: number) => string
    readonly hint: string
  }
  readonly kinesis: {
    readonly stream: (name: string, region: string, shards: string, hours: string) => string
    readonly noCredentials: string
  }
  readonly archive: { readonly off: string; readonly listed: (place: string, region: string) => string }
  readonly kcl: { readonly notUsed: string; readonly right: (java: string, jars: string) => string }
  readonly slack: {
    readonly noToken: string
    readonly webhook: string
    readonly webhookHint: string
    readonly fault: string
    readonly bot: (team: string, bot: string, channel: string) => string
    readonly noHistory: (team: string, bot: string) => string
    readonly historyHint: string
  }
  readonly openai: { readonly noKey: string; readonly answers: (model: string) => string; readonly hint: string }
  readonly runbooks: (bundled: number, own: number) => string
  readonly knowledge: {
    readonly byWords: string
    readonly byVectors: (model: string, dimension: number) => string
    readonly noEmbeddings: string
    readonly inProcess: (how: string) => string
    readonly server: (version: string, address: string) => string
    readonly noAlias: (server: string, alias: string) => string
    readonly other: (server: string, alias: string, is: string, wanted: string) => string
    readonly sync: string
    readonly ready: (server: string, how: string, collection: string, stale: string) => string
    readonly hint: string
  }
}

const en: DoctorTexts = {
  node: { hint: 'install Node.js 24 or newer' },
  dataDir: {
    hint: 'choose a folder that this user may write to: --data-dir or CALI_DATA_DIR',
    free: (folder, gigabytes) => `${folder}, ${gigabytes} GB free`,
    low: 'make room: below 1 GB the archive may soon have to wait',
  },
  state: (place, incidents) => `${place}, ${incidents} incidents`,
  index: {
    elsewhere: 'alerts go out meanwhile; lines that come are owed to it and indexed later',
    damaged: 'see "File of the search index damaged" in docs/en/failure-modes.md',
    unknownDebt: (index) => `${index}; what is owed to it stands in the state, which cannot be read`,
    debt: (index, lines, objects, oldest) =>
      `${index}; ${lines} lines of ${objects} archive objects are still owed to it, the oldest of ${oldest}`,
    paid: 'the running program pays them, oldest first; start it if it is not running',
  },
  ledger: {
    balanced: (records) => `balanced, ${records} records received`,
    unread: (balanced, reasons) => `${balanced}; not readable and kept as received: ${reasons} (see the page Pipeline)`,
    report: 'please report this: it must not happen',
  },
  program: {
    none: 'not running with this folder',
    runs: (url) => `running at ${url}`,
    answers: (url, status) => `${url} answers ${status}`,
    hint: 'look at its log, or restart it',
  },
  kinesis: {
    stream: (name, region, shards, hours) => `${name} in ${region}, ${shards} open shards, ${hours} h retention`,
    noCredentials: 'no AWS credentials here; npm start brings its own stream',
  },
  archive: {
    off: 'archive.enabled is false',
    listed: (place, region) => `${place} in ${region} can be listed; not tried, because it would change it: writing`,
  },
  kcl: {
    notUsed: 'consumer.runner is poll: one process reads the stream',
    right: (java, jars) => `Java ${java}, all checksums of ${jars} right`,
  },
  slack: {
    noToken: 'no token: messages are shown at /slack',
    webhook: 'webhook: messages cannot be edited and have no threads',
    webhookHint: 'set CALI_SLACK_BOT_TOKEN (scope chat:write) for both',
    fault: 'check the token and install the app again',
    bot: (team, bot, channel) => `${team}, bot ${bot}, channel ${channel}`,
    noHistory: (team, bot) => `${team}, bot ${bot}; may not read its channel`,
    historyHint:
      'with the scope channels:history a message whose answer is lost is found again instead of posted twice',
  },
  openai: {
    noKey: 'no key: rules and runbooks explain alone',
    answers: (model) => `${model} answers`,
    hint: 'alerts go out without the model; check CALI_OPENAI_MODEL, key and address',
  },
  runbooks: (bundled, own) => `${bundled} bundled, ${own} own`,
  knowledge: {
    byWords: 'by words',
    byVectors: (model, dimension) => `by words and ${model} (${dimension} dimensions)`,
    noEmbeddings: 'runbooks are searched by words alone meanwhile',
    inProcess: (how) => `in this process, ${how}`,
    server: (version, address) => `Milvus ${version} at ${address}`,
    noAlias: (server, alias) => `${server}: no alias ${alias} yet`,
    other: (server, alias, is, wanted) => `${server}: ${alias} is ${is}, the configuration asks for ${wanted}`,
    sync: 'run "cali kb sync", or start CALI: it builds what is missing beside what there is',
    ready: (server, how, collection, stale) =>
      `${server}, ${how}, ${collection}${stale === '' ? '' : `; no longer used: ${stale} (cali kb sync --prune)`}`,
    hint: 'alerts go out all the same, with the runbooks at hand; check CALI_MILVUS_ADDRESS and CALI_MILVUS_TOKEN',
  },
}

const ko: DoctorTexts = {
  node: { hint: 'Node.js 24 이상을 설치하세요' },
  dataDir: {
    hint: '이 사용자가 쓸 수 있는 폴더를 고르세요: --data-dir 또는 CALI_DATA_DIR',
    free: (folder, gigabytes) => `${folder}, 남은 공간 ${gigabytes} GB`,
    low: '공간을 확보하세요: 1 GB보다 적으면 곧 보관이 멈출 수 있습니다',
  },
  state: (place, incidents) => `${place}, 인시던트 ${incidents}건`,
  index: {
    elsewhere: '그동안에도 알림은 나갑니다. 들어오는 줄은 밀린 것으로 적어 두고 나중에 색인합니다',
    damaged: 'docs/ko/failure-modes.md의 "검색 인덱스 파일 손상"을 보세요',
    unknownDebt: (index) => `${index}. 밀린 양은 상태 저장소에 있는데 읽을 수 없습니다`,
    debt: (index, lines, objects, oldest) =>
      `${index}. 보관 객체 ${objects}개의 ${lines}줄이 아직 색인되지 않았습니다(가장 오래된 것 ${oldest})`,
    paid: '실행 중인 프로그램이 오래된 것부터 채웁니다. 실행 중이 아니면 시작하세요',
  },
  ledger: {
    balanced: (records) => `맞음, 받은 레코드 ${records}건`,
    unread: (balanced, reasons) =>
      `${balanced}. 읽을 수 없어 받은 그대로 보관한 것: ${reasons} (파이프라인 화면에서 볼 수 있습니다)`,
    report: '있어서는 안 되는 일입니다. 제보해 주세요',
  },
  program: {
    none: '이 폴더로 실행 중인 프로그램이 없습니다',
    runs: (url) => `${url}에서 실행 중`,
    answers: (url, status) => `${url}의 응답이 ${status}입니다`,
    hint: '프로그램의 로그를 보거나 다시 시작하세요',
  },
  kinesis: {
    stream: (name, region, shards, hours) => `${region}의 ${name}, 열린 샤드 ${shards}개, 보존 ${hours}시간`,
    noCredentials: 'AWS 자격 증명이 없습니다. npm start는 자체 스트림을 띄웁니다',
  },
  archive: {
    off: 'archive.enabled가 false입니다',
    listed: (place, region) => `${region}의 ${place}: 목록을 볼 수 있음. 쓰기는 내용을 바꾸므로 시험하지 않았습니다`,
  },
  kcl: {
    notUsed: 'consumer.runner가 poll: 프로세스 하나가 스트림을 읽습니다',
    right: (java, jars) => `Java ${java}, ${jars}의 체크섬이 모두 맞음`,
  },
  slack: {
    noToken: '토큰 없음: 메시지는 /slack 화면에 나옵니다',
    webhook: '웹훅: 메시지를 수정할 수 없고 스레드가 없습니다',
    webhookHint: '둘 다 쓰려면 CALI_SLACK_BOT_TOKEN(스코프 chat:write)을 설정하세요',
    fault: '토큰을 확인하고 앱을 다시 설치하세요',
    bot: (team, bot, channel) => `${team}, 봇 ${bot}, 채널 ${channel}`,
    noHistory: (team, bot) => `${team}, 봇 ${bot}. 채널을 읽을 권한이 없습니다`,
    historyHint: '스코프 channels:history가 있으면, 응답을 잃은 메시지를 두 번 보내지 않고 찾아냅니다',
  },
  openai: {
    noKey: '키 없음: 규칙과 런북만으로 설명합니다',
    answers: (model) => `${model} 응답함`,
    hint: '모델 없이도 알림은 나갑니다. CALI_OPENAI_MODEL, 키, 주소를 확인하세요',
  },
  runbooks: (bundled, own) => `내장 ${bundled}개, 직접 추가 ${own}개`,
  knowledge: {
    byWords: '단어로 검색',
    byVectors: (model, dimension) => `단어와 ${model}(${dimension}차원)로 검색`,
    noEmbeddings: '그동안 런북은 단어로만 검색합니다',
    inProcess: (how) => `이 프로세스 안에서 ${how}`,
    server: (version, address) => `${address}의 Milvus ${version}`,
    noAlias: (server, alias) => `${server}: 별칭 ${alias}이(가) 아직 없습니다`,
    other: (server, alias, is, wanted) => `${server}: ${alias}은(는) ${is}인데, 설정은 ${wanted}을(를) 요구합니다`,
    sync: '"cali kb sync"를 실행하거나 CALI를 시작하세요. 있는 것은 두고 없는 것을 옆에 만듭니다',
    ready: (server, how, collection, stale) =>
      `${server}, ${how}, ${collection}${stale === '' ? '' : `. 더는 쓰지 않는 것: ${stale} (cali kb sync --prune)`}`,
    hint: '그래도 알림은 손에 있는 런북으로 나갑니다. CALI_MILVUS_ADDRESS와 CALI_MILVUS_TOKEN을 확인하세요',
  },
}

export const DOCTOR_TEXTS: Readonly<Record<UiLanguage, DoctorTexts>> = { en, ko }
