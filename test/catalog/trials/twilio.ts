import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const account = 'AC00000000000000000000000000000000'

const base = `https://api.twilio.com/2010-04-01/Accounts/${account}`

const sid = 'SM1f0e8ae6ade43cb3c0ce4525424e404f'

const actions: ActionExample[] = [
  {
    action: 'send_message',
    arguments: {
      to: '+15558675310',
      from: '+15017122661',
      body: 'Here is my message',
      media_url: 'https://example.com/owl.png',
    },
    request: `POST ${base}/Messages.json`,
    body: 'To=%2B15558675310&From=%2B15017122661&Body=Here+is+my+message&MediaUrl=https%3A%2F%2Fexample.com%2Fowl.png',
    answer: { status: 201, body: { sid, status: 'queued' } },
    output: { sid, status: 'queued' },
  },
  {
    action: 'get_message',
    arguments: { sid },
    request: `GET ${base}/Messages/${sid}.json`,
    answer: { body: { sid, status: 'delivered' } },
    output: { sid, status: 'delivered' },
  },
  {
    action: 'list_messages',
    arguments: { to: '+15558675310', from: '+15017122661', limit: 5 },
    request: `GET ${base}/Messages.json?To=%2B15558675310&From=%2B15017122661&PageSize=5`,
    answer: { body: { messages: [{ sid }], next_page_uri: null } },
    output: { messages: [{ sid }], next_page_uri: null },
  },
]

const pages = (name: string, resource: string, fields: object = {}): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        [name]: [{ sid, ...fields }],
        page: 0,
        page_size: 1000,
        next_page_uri: `/2010-04-01/Accounts/${account}/${resource}.json?PageSize=1000&Page=1&PageToken=PASM1f0e`,
      },
    },
    { body: { [name]: [{ sid: sid.replace('404f', '4050'), ...fields }], page: 1, next_page_uri: null } },
  ],
  keys: [sid, sid.replace('404f', '4050')],
  asksFor: 'PageToken=PASM1f0e',
})

const refused = {
  status: 401,
  body: {
    code: 20003,
    message: 'Authenticate',
    more_info: 'https://www.twilio.com/docs/errors/20003',
    status: 401,
  },
}

export const trial: ProviderTrial = {
  input: { account_sid: account },
  credential: {
    fields: { auth_method: 'api_key', key_sid: 'SK00000000000000000000000000000000', key_secret: 'a-key-s3cret' },
  },
  test: {
    asks: `GET api.twilio.com/2010-04-01/Accounts/${account}/Messages.json?PageSize=1`,
    headers: { authorization: `Basic ${btoa('SK00000000000000000000000000000000:a-key-s3cret')}` },
    good: { body: { messages: [], next_page_uri: null } },
    refused: { answer: refused, says: '20003: Authenticate' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'auth_token', auth_token: 'an-auth-t0ken' } },
      asks: `GET api.twilio.com/2010-04-01/Accounts/${account}/Messages.json?PageSize=1`,
      headers: { authorization: `Basic ${btoa(`${account}:an-auth-t0ken`)}` },
    },
  ],
  hints: [{ what: 'request', answer: refused, says: '20003: Authenticate', cause: 'The account SID' }],
  streams: [
    {
      ...pages('messages', 'Messages', { date_sent: 'Fri, 13 Aug 2010 01:16:24 +0000' }),
      since: { cursor: 'Fri, 13 Aug 2010 01:16:24 +0000', value: '2010-08-11' },
      limited: {
        status: 429,
        headers: { 'retry-after': '2' },
        body: { code: 20429, message: 'Too Many Requests', status: 429 },
      },
    },
    pages('calls', 'Calls', { start_time: 'Fri, 13 Aug 2010 01:16:24 +0000' }),
    pages('recordings', 'Recordings', { date_created: 'Fri, 13 Aug 2010 01:16:24 +0000' }),
    pages('incoming_phone_numbers', 'IncomingPhoneNumbers'),
  ],
  actions,
}
