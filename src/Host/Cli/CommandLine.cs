namespace Lyceum.Host.Cli;

/// <summary>The `lyceum` command line.</summary>
public static class CommandLine
{
    public static async Task<int> Run(string[] args) => args switch
    {
        ["serve", ..] => await Server.Run(args[1..], CancellationToken.None),
        ["migrate", var verb] => await MigrateCommand.Run(verb, CancellationToken.None),
        _ => 2,
    };
}
