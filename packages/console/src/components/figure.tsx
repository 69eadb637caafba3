import type { ReactNode } from 'react'
import { Link } from './link.tsx'

interface FigureProps {
  name: string
  children: ReactNode
  /** A page that shows more. */
  to?: string
}

/** A number with its name, in a list with the class `figures`. */
export function Figure({ name, children, to }: FigureProps) {
  return (
    <li className="card figure">
      {to === undefined ? (
        <span className="name">{name}</span>
      ) : (
        <Link to={to} className="stretched name">
          {name}
        </Link>
      )}
      <strong className="number">{children}</strong>
    </li>
  )
}
