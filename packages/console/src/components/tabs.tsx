import { Link } from './link.tsx'

interface TabsProps {
  label: string
  /** Path of the page. The first tab has it, the others add their name. */
  base: string
  tabs: readonly (readonly [name: string, label: string])[]
  current: string
}

/** The parts of a page, each with an address of its own. */
export function Tabs({ label, base, tabs, current }: TabsProps) {
  return (
    <ul className="tabs" aria-label={label}>
      {tabs.map(([name, text], index) => (
        <li key={name}>
          <Link to={index === 0 ? base : `${base}/${name}`} aria-current={name === current ? 'page' : undefined}>
            {text}
          </Link>
        </li>
      ))}
    </ul>
  )
}
