using Lyceum.Host;

return args switch
{
    ["serve", ..] => await Server.Run(args[1..], CancellationToken.None),
    ["migrate", var verb] => await MigrateCommand.Run(verb, CancellationToken.None),
    _ => 2,
};
