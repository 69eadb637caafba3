import { makeTexts } from '../../texts.ts'

export const t = makeTexts({
  en: {
    'endUsers.title': 'End users',
    'endUsers.empty': 'No end users yet',
    'endUsers.emptyText':
      'An end user is a person or company that uses your product. Your product creates them by API; you can add one here to send a link.',
    'endUsers.add': 'Add end user',
    'endUsers.searchHint': 'Id, name or e-mail',
    'endUsers.connections': '{count} connections',
    'endUsers.one': '1 connection',
    'endUsers.none': 'no connection',
    'endUsers.externalId': 'External id',
    'endUsers.externalIdHint': 'The id that your product has for this person. It cannot be changed later.',
    'endUsers.email': 'E-mail',
    'endUser.back': 'End users',
    'endUser.details': 'Details',
    'endUser.link': 'Connect link',
    'endUser.edit': 'Edit end user',
    'endUser.connections': 'Connections',
    'endUser.noConnections': 'No connections',
    'endUser.noConnectionsText': 'Create a link and send it to this person.',
    'endUser.ask': 'Delete {name}?',
    'endUser.askText':
      'The end user is deleted with {count} connections, their records and sync jobs. Credentials are revoked at the provider where they can be. This cannot be undone.',
    'endUser.askNone': 'The end user has no connections. This cannot be undone.',
  },
  de: {
    'endUsers.title': 'Endnutzer',
    'endUsers.empty': 'Noch keine Endnutzer',
    'endUsers.emptyText':
      'Ein Endnutzer ist eine Person oder Firma, die Ihr Produkt nutzt. Ihr Produkt legt sie über die API an. Um einen Link zu senden, können Sie hier einen anlegen.',
    'endUsers.add': 'Endnutzer anlegen',
    'endUsers.searchHint': 'Id, Name oder E-Mail',
    'endUsers.connections': '{count} Verbindungen',
    'endUsers.one': '1 Verbindung',
    'endUsers.none': 'keine Verbindung',
    'endUsers.externalId': 'Externe Id',
    'endUsers.externalIdHint': 'Die Id, die Ihr Produkt für diese Person hat. Sie lässt sich später nicht ändern.',
    'endUsers.email': 'E-Mail',
    'endUser.back': 'Endnutzer',
    'endUser.details': 'Einzelheiten',
    'endUser.link': 'Link zum Verbinden',
    'endUser.edit': 'Endnutzer bearbeiten',
    'endUser.connections': 'Verbindungen',
    'endUser.noConnections': 'Keine Verbindungen',
    'endUser.noConnectionsText': 'Erstellen Sie einen Link und senden Sie ihn dieser Person.',
    'endUser.ask': '{name} löschen?',
    'endUser.askText':
      'Der Endnutzer wird mit {count} Verbindungen, deren Datensätzen und Synchronisierungen gelöscht. Zugangsdaten werden beim Anbieter widerrufen, wo das möglich ist. Das lässt sich nicht rückgängig machen.',
    'endUser.askNone': 'Der Endnutzer hat keine Verbindungen. Das lässt sich nicht rückgängig machen.',
  },
})
