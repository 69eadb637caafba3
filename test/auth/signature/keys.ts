import { generateKeyPairSync } from 'node:crypto'

/** Keys that are generated for each run, so that the repository contains none. */
export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const ec256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const ec384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
export const ec521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })
export const ed25519 = generateKeyPairSync('ed25519')

export const rsaPem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
export const ecPem = ec256.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
