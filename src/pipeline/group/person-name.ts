/** Person names in messages: 김철수님의 anywhere, 박영희가 or Kim behind a noun for a person. */

/** Particles follow a word and depend on its last sound. Longest first. */
const PARTICLES =
  '이었습니다 으로부터 입니다 로부터 에서는 으로는 에게서 이며 으로 에서 에게 까지 부터 보다 처럼 만큼 이나 이고 인데 이 가 은 는 을 를 의 에 로 와 과 도 만 나'.split(
    ' ',
  )
const PARTICLE_SET = new Set(PARTICLES)
const PARTICLE_END = new RegExp(`(?:${PARTICLES.join('|')})$`)
const ROLE_NOUNS =
  '고객 고객님 고객명 사용자 사용자명 회원 회원명 주문자 수령인 받는분 보낸분 담당자 구매자 판매자 이름 성명 예금주 user customer username name member recipient buyer by'.split(
    ' ',
  )
/** What follows a role noun or ends in 님 without being a name: 사용자 인증 실패, user Login failed, 고객님. */
const NOT_A_NAME = new Set(
  // Also nouns that begin as surnames do: 회원 조회에 실패, 사용자 권한이 없습니다.
  '고객 회원 손님 선생 사장 이메일 인증서 주문서 신청서 안내문 유효성 조회수 전화기 주소록 정보창 현재는 조회 조건 조정 인증 인원 정보 정산 정책 정지 주문 주소 전화 전송 전환 전체 신청 신규 신고 이용 이력 이체 이동 이벤트 현황 권한 서비스 서버 연결 연동 연락처 기록 기능 구매 구독 차단 추가 한도 방문 문의 반품 명단 원본 도착 선택 지급 지연 진행 공지 여부 예약 예외 오류 노출 장애 강제 최대 최소 임시 장바구니 Login Logout Service Server Session Error Exception Not Is Has Was Does Profile Account Id Token Request Data'.split(
    ' ',
  ),
)
/** Behind `user` or `member` a word with a capital is as often a thing: user Cache failed. */
const NAMED_IN_ENGLISH = /^(?:customer|username|buyer|[가-힣]+)[:=]?$/
const COMPOUND_SURNAMES = new Set(['남궁', '황보', '제갈', '선우', '독고', '사공', '서문'])
const SURNAMES =
  '김이박최정강조윤장임한오서신권황안송류유홍전고문양손배백허남심노하곽성차주우구민나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용'

const FNV_SEED = 0x811c9dc5 | 0
const roleHashes = new Set(
  ROLE_NOUNS.map((word) => [...word].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 0x01000193), FNV_SEED)),
)

/** One bit in eight bits of a hash says that no role noun has it: most words are done with one look. */
const mayBeRole = new Uint8Array(256)
for (const hash of roleHashes) mayBeRole[hash & 255] = 1

/** By the hash of the word, as the token pass computes it. */
export const isRoleNoun = (hash: number): boolean => mayBeRole[hash & 255] === 1 && roleHashes.has(hash)

export const isRoleWord = (word: string): boolean => ROLE_NOUNS.includes(word.replace(/[:=]$/, ''))

const NIM = '님'.charCodeAt(0)
const SSI = '씨'.charCodeAt(0)

/** Whether 님 or 씨 stands behind two or more characters: a look without allocation, before the exact one. */
export function mayBeTitled(text: string, start: number, end: number): boolean {
  for (let i = start + 2; i < end; i++) {
    const c = text.charCodeAt(i)
    if (c === NIM || c === SSI) return true
  }
  return false
}

/** Where the particle of a word in other letters begins, e.g. 5 in `Redis를`; `end` without one. */
export function particleStart(text: string, start: number, end: number): number {
  let i = end
  while (i > start && text.charCodeAt(i - 1) > 127) i--
  return i > start && i < end && end - i <= 5 && PARTICLE_SET.has(text.slice(i, end)) ? i : end
}

export const withoutParticle = (word: string): string => word.replace(PARTICLE_END, '')

/** Whether `word` is a person's name where it stands. `before` is the word in front of it. */
export const isPersonName = (word: string, before: string): boolean => personTitle(word, before) !== undefined

/** The title behind a name (님, 씨 or nothing), or undefined where there is no name. */
export function personTitle(core: string, before: string): string | undefined {
  const word = withoutParticle(core)
  const last = word.at(-1)
  const title = last === '님' || last === '씨' ? last : ''
  const bare = title === '' ? word : word.slice(0, -1)
  if (NOT_A_NAME.has(bare) || (title === '' && !isRoleWord(before))) return undefined
  if (/^[A-Z][a-z]+$/.test(core)) return NAMED_IN_ENGLISH.test(before) ? '' : undefined
  const syllables = title === '' ? /^[가-힣]{3}$/ : /^[가-힣]{2,3}$/
  // The last syllable of a name can look like a particle: 권재이, 최소은. Two syllables are a name only before a title.
  const named = [bare, core].some((name) =>
    syllables.test(name)
      ? SURNAMES.includes(name[0] as string)
      : name.length === 4 && COMPOUND_SURNAMES.has(name.slice(0, 2)),
  )
  return named ? title : undefined
}
