import { faker as english } from '@faker-js/faker/locale/en'
import { faker as korean } from '@faker-js/faker/locale/ko'

interface Person {
  readonly korean: string
  readonly english: string
  readonly email: string
  readonly phone: string
  readonly address: string
  readonly userId: string
}

/** The people and places of one seed. Faker is slow, so it runs once, here, and the stream picks from the pools. */
export interface Cast {
  readonly people: readonly Person[]
  readonly publicIps: readonly string[]
  readonly products: readonly string[]
  readonly userAgents: readonly string[]
}

const PEOPLE = 400
const SURNAMES = [...'김이박최정강조윤장임한오서신권황안송류홍']

/** Seeds Faker's shared generators and leaves them to the next caller: nothing else may rely on their state. */
export function createCast(seed: number): Cast {
  korean.seed(seed)
  english.seed(seed)
  const times = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make)
  const digits = (length: number): string => english.string.numeric({ length, allowLeadingZeros: true })
  return {
    people: times(PEOPLE, () => ({
      korean: korean.helpers.arrayElement(SURNAMES) + korean.person.firstName(),
      english: english.person.fullName(),
      email: english.internet.email().toLowerCase(),
      phone: `010-${digits(4)}-${digits(4)}`,
      address: `${korean.location.city()} ${korean.location.streetAddress()}`,
      userId: `u-${english.number.int({ min: 10000, max: 99999 })}`,
    })),
    publicIps: times(200, () => english.internet.ipv4()),
    products: times(60, () => english.commerce.productName()),
    userAgents: times(20, () => english.internet.userAgent()),
  }
}
