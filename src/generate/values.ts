import type { Cast } from './cast.ts'
import type { Random } from './random.ts'

/** What a template may draw from. */
export interface Scene {
  readonly random: Random
  readonly cast: Cast
  /** Local date, `20260120`, for order numbers. */
  day: string
  /** Values that several lines of one request share, by their token; absent for a line that stands alone. */
  shared: Map<string, string> | undefined
}

export type Value = (scene: Scene, numbers: readonly number[]) => string

const PRODUCTS_KO = [
  '무선 이어폰',
  '기계식 키보드',
  '등산 배낭',
  '캠핑 의자',
  '전기 주전자',
  '유기농 사과 5kg',
  '남성 러닝화',
  '여성 트렌치코트',
  '스테인리스 텀블러',
  '공기청정기 필터',
  '제주 감귤 10kg',
  '접이식 자전거',
]
const UNITS_KO = ['개', '박스', '세트', '벌', '켤레', '대']
const CARRIERS = ['CJ대한통운', '한진택배', '롯데택배', '우체국택배', '로젠택배']
const CARDS = ['신한카드', '국민카드', '삼성카드', '현대카드', '비씨카드', '롯데카드']
const WAREHOUSES = ['ICN-01', 'ICN-02', 'PUS-01', 'DJN-01', 'GWJ-03']

const pad = (value: number, width: number): string => String(value).padStart(width, '0')
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',')
const person = ({ random, cast }: Scene) => random.pick(cast.people)
const base64url = (random: Random, length: number): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  let text = ''
  for (let i = 0; i < length; i++) text += alphabet[random.int(0, 63)]
  return text
}

/** Names that `<<name>>` may use in a template. */
export const VALUES: Readonly<Record<string, Value>> = {
  int: ({ random }, [min = 0, max = 9]) => String(random.int(min, max)),
  /** As `int`, for a second number in one line that must not repeat the first. */
  count: ({ random }, [min = 0, max = 9]) => String(random.int(min, max)),
  comma: ({ random }, [min = 0, max = 9]) => grouped(random.int(min, max)),
  /** A library's line number, which moves with its release. */
  line: ({ random }, [line = 1]) => String(line + random.int(0, 6)),
  /** Hundredths, `12.34`. */
  decimal: ({ random }, [min = 0, max = 9]) => (random.int(min * 100, max * 100) / 100).toFixed(2),
  hex: ({ random }, [digits = 8]) => random.hex(digits),
  uuid: ({ random }) => {
    const hex = random.hex(32)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
  },

  nameKo: (scene) => person(scene).korean,
  nameEn: (scene) => person(scene).english,
  email: (scene) => person(scene).email,
  phone: (scene) => person(scene).phone,
  address: (scene) => person(scene).address,
  userId: (scene) => person(scene).userId,
  ip: ({ random, cast }) => random.pick(cast.publicIps),
  podIp: ({ random }) => `10.0.${random.int(1, 3)}.${random.int(10, 250)}`,
  userAgent: ({ random, cast }) => random.pick(cast.userAgents),

  orderNo: (scene) => `ORD-${scene.day}-${pad(scene.random.int(1, 999999), 6)}`,
  orderId: ({ random }) => String(random.int(100000, 9999999)),
  paymentId: ({ random }) => `PAY-${random.hex(10).toUpperCase()}`,
  transactionId: ({ random }) => `txn_${random.hex(20)}`,
  approvalNo: ({ random }) => pad(random.int(0, 99999999), 8),
  sku: ({ random }) => `SKU-${pad(random.int(1, 9999), 4)}-${random.hex(3).toUpperCase()}`,
  trackingNo: ({ random }) => `${random.int(5000, 6999)}${pad(random.int(0, 99999999), 8)}`,
  won: ({ random }) => grouped(random.int(19, 980) * 1000 - random.pick([0, 0, 100, 500])),
  cardNo: ({ random }) => `${random.int(4000, 5599)}-${random.int(1000, 9999)}-****-${random.int(1000, 9999)}`,
  card: ({ random }) => random.pick(CARDS),
  productKo: ({ random }) => random.pick(PRODUCTS_KO),
  productEn: ({ random, cast }) => random.pick(cast.products),
  unit: ({ random }) => random.pick(UNITS_KO),
  carrier: ({ random }) => random.pick(CARRIERS),
  warehouse: ({ random }) => random.pick(WAREHOUSES),
  jwt: ({ random }) => `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJ${base64url(random, 40)}.${base64url(random, 43)}`,
  apiKey: ({ random }) => `sk_live_${random.hex(24)}`,
}
