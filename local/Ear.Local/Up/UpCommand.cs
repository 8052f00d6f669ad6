namespace Ear.Local.Up;

internal static class UpCommand
{
    public static Task<int> RunAsync(UpOptions options, TimeProvider time, CancellationToken cancellation) => Task.FromResult(2);
}
