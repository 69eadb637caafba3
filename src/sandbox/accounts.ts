/** An account that can be connected in the sandbox. */
interface SandboxAccount {
  id: string
  name: string
  company: string
}

export const ACCOUNTS: readonly SandboxAccount[] = [
  { id: 'ada', name: 'Ada Lovelace', company: 'Analytical Engines' },
  { id: 'grace', name: 'Grace Hopper', company: 'Compilers and Sons' },
]

export function findAccount(id: string): SandboxAccount | undefined {
  return ACCOUNTS.find((account) => account.id === id)
}
