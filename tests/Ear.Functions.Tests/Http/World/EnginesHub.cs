using Ear.Functions.Durable;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Tests.Http.World;

/// <summary>The engine's own client, for what a test does from outside any function.</summary>
internal sealed record EnginesHub(DurableTaskClient Client) : ITaskHub;
