using Lyceum.Host.Cli;
using Lyceum.Knowledge.Reading;

// Before anything else is loaded: a process that lives for one document has no use for a web server.
if (args is [ReaderCommand.Verb, ..])
    return await ReaderChild.Main(args[1..]);

return await CommandLine.Run(args);
