namespace Ear.Providers.AwsKms;

/// <summary>What a call gave, or why it gave nothing.</summary>
internal readonly record struct AwsResult<T>(T? Value, AwsFailure? Failure)
    where T : class;
