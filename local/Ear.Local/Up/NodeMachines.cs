using Ear.Local.Machines;
using Ear.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.Up;

/// <summary>Who starts the machines of a local Ear's nodes: Ear itself, as processes, or an operator, as in Azure (ADR-0014).</summary>
internal static class NodeMachines
{
    public const string Started = "started";
    public const string Awaited = "awaited";

    /// <returns>Whose machines they are, from now on.</returns>
    /// <exception cref="IOException">The folder's nodes are somebody else's; the text says how to start.</exception>
    public static string Remember(DataFolder folder, UpOptions options)
    {
        var file = folder.Sub("machines");
        // Folders from before this choice had it made for them.
        var remembered = File.Exists(file) ? File.ReadAllText(file) : File.Exists(folder.Sub("ear.db")) || File.Exists(folder.Sub("store")) ? Started : options.Machines ?? Started;
        if (options.Machines is { } asked && asked != remembered)
            throw new IOException($"The nodes of {folder.Path} are {remembered}. Start with --machines {remembered}, or name another folder with --data.");
        File.WriteAllText(file, remembered);
        return remembered;
    }

    public static void Add(IServiceCollection services, string machines, LocalMachinesOptions options)
    {
        if (machines == Awaited)
        {
            services.AddSingleton<IMachines, AwaitedMachines>();
            return;
        }
        services.AddSingleton(options);
        services.AddSingleton<LocalMachines>();
        services.AddSingleton<IMachines>(s => s.GetRequiredService<LocalMachines>());
        services.AddHostedService(s => s.GetRequiredService<LocalMachines>());
    }
}
