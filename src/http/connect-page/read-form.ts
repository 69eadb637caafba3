/** More than the largest form of any definition: 100 fields of 16 KiB. */
const MAX_FORM_BYTES = 2 * 1024 * 1024

/** A form, or why there is none. */
export type FormReading = { form: URLSearchParams } | { status: 413 | 415 | 400 }

/** Reads a form (application/x-www-form-urlencoded), counting while it comes in. */
export async function readForm(request: Request): Promise<FormReading> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return { status: 415 }
  if (Number(request.headers.get('content-length') ?? 0) > MAX_FORM_BYTES) return { status: 413 }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > MAX_FORM_BYTES) return { status: 413 }
    chunks.push(chunk)
  }
  const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
  // The database takes no NUL, in whatever field it may come.
  for (const [name, value] of form) if (`${name}${value}`.includes('\0')) return { status: 400 }
  return { form }
}
