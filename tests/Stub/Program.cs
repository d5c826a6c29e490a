using System.Globalization;
using Lyceum.Stub;

// dotnet run --project tests/Stub -- [port] [key]   Prints its address on the first line and serves until it is stopped.
var port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 0;
await using var server = await StubServer.Start(new StubOptions(port, args.Length > 1 ? args[1] : null));
Console.WriteLine(server.BaseUrl.ToString().TrimEnd('/'));
await Console.Out.FlushAsync();
await server.WaitForShutdown();
