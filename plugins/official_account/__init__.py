"""The company's official accounts in WeChat: followers, answers, menus, codes."""
