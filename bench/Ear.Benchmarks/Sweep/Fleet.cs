using System.Security.Cryptography;
using Ear.Alerts;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Projects;
using Ear.Providers.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Benchmarks.Sweep;

/// <summary>Projects with a healthy key each, in Ear's own store, and the sweep over them as Ear runs it.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    /// <summary>Customers' accounts: calls a second are bounded for each, as AWS bounds them. Few enough that STS, bounded too, gives all their sessions during the warm-up.</summary>
    private const int Accounts = 200;

    private readonly IHost host;

    private Fleet(IHost host) => this.host = host;

    public KeySweep Sweep => host.Services.GetRequiredService<KeySweep>();

    public static async Task<Fleet> OpenAsync(string folder, Action<IServiceCollection> addProvider)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IIds, SystemIds>().AddSqliteStore(o => o.Path = Path.Combine(folder, "fleet.db"));
        builder.Services.AddSingleton<KeyAlerts>().AddSingleton<KeyConsequences>().AddSingleton<KeyChecks>().AddSingleton<KeySweep>().AddSingleton<IReconciler, NoClusters>();
        addProvider(builder.Services);
        Watch(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return new(host);
    }

    public async Task AddAsync(int from, int to)
    {
        var projects = host.Services.GetRequiredService<IProjects>();
        await Parallel.ForEachAsync(Enumerable.Range(from, to - from), new ParallelOptions { MaxDegreeOfParallelism = 512 }, async (n, stop) => await projects.SaveAsync(Project(n), 0, [], stop));
    }

    /// <summary>As the timer's orchestration does, with as many shards at once as Durable Functions runs activities.</summary>
    /// <returns>Configurations that were checked.</returns>
    public async Task<int> SweepAsync()
    {
        using var shards = new SemaphoreSlim(8);
        var running = new List<Task<SweepFindings>>();
        string? start = null;
        do
        {
            await shards.WaitAsync();
            var end = await Sweep.NextShardAsync(start, CancellationToken.None);
            running.Add(ShardAsync(start, end, shards));
            start = end;
        }
        while (start is not null);
        var findings = await Task.WhenAll(running);
        if (findings.Any(f => !f.Due.IsEmpty || !f.Suspects.IsEmpty))
            throw new InvalidOperationException("A healthy key was found to be ill.");
        ((Watched)host.Services.GetRequiredService<ICustomerKey>()).ThrowIfAnyOther();
        return findings.Sum(f => f.Configurations.Values.Sum());
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private static void Watch(IServiceCollection services)
    {
        var provider = services.Single(d => d.ServiceType == typeof(ICustomerKey));
        services.Remove(provider);
        services.AddSingleton<ICustomerKey>(s => new Watched((ICustomerKey)(provider.ImplementationInstance ?? ActivatorUtilities.CreateInstance(s, provider.ImplementationType!))));
    }

    private async Task<SweepFindings> ShardAsync(string? start, string? end, SemaphoreSlim shards)
    {
        try
        {
            return await Sweep.CheckShardAsync(start, end, CancellationToken.None);
        }
        finally
        {
            shards.Release();
        }
    }

    private static Project Project(int n)
    {
        var id = ProjectId.FromValid($"{n:x24}");
        var role = RoleId.FromValid($"{n:x24}");
        var then = TimeProvider.System.GetUtcNow();
        var canary = new WrappedKey(
            KeyProvider.Aws, "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555", "m", KeyContext.ForCanary(id.Value).Digest(), RandomNumberGenerator.GetBytes(150));
        return new Project(id, OrgId.FromValid(new string('0', 24)), $"project {n}", then)
        {
            OwnerEmails = ["owner@example.org"],
            AwsRoles = [new(role, "external", then, then, $"arn:aws:iam::{100_000_000_000 + (n % Accounts)}:role/ear")],
            EncryptionAtRest = EncryptionAtRest.Off with
            {
                Aws = new AwsKmsSettings(role, "11111111-2222-3333-4444-555555555555", "US_EAST_1", false),
                // Well for longer than an hour, as nearly every key is: nothing more follows from it. Written within the hour, so that this sweep need not.
                Standings = EncryptionAtRest.Off.Standings.Add(KeyProvider.Aws, new KeyStanding(true, new KeyVerdict.Valid(), then, canary, then.AddDays(-1)) { ChangedAt = then.AddDays(-1) }),
            },
        };
    }

    private sealed class NoClusters : IReconciler
    {
        public Task WakeAsync(ClusterRef cluster, CancellationToken cancellation) => Task.CompletedTask;
    }
}
