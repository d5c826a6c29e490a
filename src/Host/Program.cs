using Lyceum.Knowledge.Reading;

// Before anything else is loaded: a process that lives for one document has no use for a web server.
if (args is [ReaderCommand.Verb, ..])
    return await ReaderChild.Main(args[1..]);

return await Serve(args);

static async Task<int> Serve(string[] args)
{
    var app = WebApplication.CreateBuilder(args).Build();
    await app.RunAsync();
    return 0;
}
