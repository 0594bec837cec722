export type * from './port.ts'
export { openWebChat } from './web-chat.ts'
export type { ChatSession, WebChat, WebChatConversation } from './web-chat.ts'
