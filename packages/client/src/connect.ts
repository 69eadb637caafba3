/** The script that the gateway serves as `/connect.js`. The build puts that file in the place of this one. */
export { type ConnectedConnection, type ConnectOptions, connect } from '../../../src/client/connect.js'
