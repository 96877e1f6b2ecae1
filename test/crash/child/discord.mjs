// What the relay takes from discord.js, from where discord.js has it: loading all of the rest takes longer than most of
// the lives the harness gives to a process.
export * from '@discordjs/rest'
export * from 'discord-api-types/v10'
