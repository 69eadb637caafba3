import { PageHead } from '../../components/feedback.tsx'
import type { WorkspacePageProps } from '../../routes.tsx'
import { t } from '../../texts.ts'

export function Queue(_props: WorkspacePageProps) {
  return <PageHead title={t('nav.queue')} />
}
